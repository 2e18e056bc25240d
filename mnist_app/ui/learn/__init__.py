"""Parts of the Learn page: navigation, the glossary, plots, and the interactive parts of the chapters."""

"""The scripts of the pages, one per page. Each composes parts from other packages."""

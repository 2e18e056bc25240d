"""Parts that several pages share: answers, bars, charts, figures, tables of runs, explained terms."""

"""Everything that lasts: the class, its drawings, its runs, and archives of them."""

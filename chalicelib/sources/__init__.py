"""Sources: a module or a declaration for each kind of event, their registry, and their schema."""

"""Sources: a module or a declaration per kind of event, the registry that finds it, the schema it is made with."""

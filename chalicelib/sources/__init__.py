"""Sources: one module per kind of event, the registry that finds it, and the schema that it is made with."""

"""The templates: what AWS would make of them, as far as that can be known without AWS."""

"""Pictures of every page (`script/screens`): see pages.py for the list."""

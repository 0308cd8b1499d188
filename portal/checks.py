"""System checks of the portal. Imported by the app's ``ready()``."""

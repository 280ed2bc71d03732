"""The in-memory Dash: one world with every face of the service."""

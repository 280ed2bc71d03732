"""The services that drive the domain through the ports."""

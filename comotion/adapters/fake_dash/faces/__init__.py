"""The faces of a world: each turns a Request into a Response by looking at, and changing, one World."""

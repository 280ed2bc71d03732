"""What the application needs of the world, as Protocols, and the values that cross them."""

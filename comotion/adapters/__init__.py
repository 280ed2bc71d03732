"""One outside tool each. Only the composition root and the testing door name what is in here."""

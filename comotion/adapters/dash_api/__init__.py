"""Comotion Dash over HTTP: the gateways, and nothing that they share with any other adapter."""

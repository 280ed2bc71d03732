"""Readers: one folder of adapters that open any source as record batches. The table of formats is here.

A format is told by content, with the suffix as a hint (``sniff``). Its opener is imported when it is needed and
takes the spec and the bytes; after it come, for every format alike, the user's hook and the lake's column names.
"""

"""The guidelines as a site of static pages: everything that the documents say, linked, searchable from a file, printable.

`plan` turns content into pages of plain data, `writing` lays them out; each page has a JSON twin with the same data.
"""

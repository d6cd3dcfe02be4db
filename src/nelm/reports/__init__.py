"""What people read: the advice on one patient as text, HTML, PDF and JSON."""

from nelm.reports.page import Change, Page, changes_of, make_page, page_of

__all__ = ["Change", "Page", "changes_of", "make_page", "page_of"]

"""Pages: the shared look of what the server renders for people: the page to pay on, the customer portal.

Owns layout, style sheet, form controls, the words that all pages have, and the policy under which a browser shows them.
Each kind of page has its words and templates beside them. Does not own what is shown when (`pay_pages`, `portal`).
"""

"""``python -m solvent.providers.sandbox`` starts the bank. Owns nothing but the call."""

from solvent.providers.sandbox.process import main

raise SystemExit(main())

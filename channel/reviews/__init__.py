"""Reviews of dealers that open themselves: plans, what was seen on their days, what speaks against it, what was decided."""

"""Reviews of dealers that open themselves: plans, what was seen on their days, what was found, what was decided."""

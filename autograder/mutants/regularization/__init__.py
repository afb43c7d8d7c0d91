"""Known mistakes and other right ways of notebook 07: penalties, dropout, other noise, targets, the net."""

"""Hidden tests of notebook 07, a file a section: penalties, dropout, other noise, targets, the net."""

"""The blind reading: pairs planned, shown, judged by people, and counted."""

"""From a member's proposal to a published change: forms, submissions, the people behind them, and decisions."""

"""From a member's proposal to a published change: submissions, the people behind them, and decisions."""

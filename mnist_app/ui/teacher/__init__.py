"""Parts of the Teacher page: entry, visitors, trainings, rules, archives, links, leaderboard."""

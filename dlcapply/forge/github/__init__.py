"""GitHub's REST API, through PyGithub."""

"""Documents as GitHub-flavoured Markdown, for comments and step summaries."""

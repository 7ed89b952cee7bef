"""Taking answers away: as footnoted text, Markdown, Word and PDF, and as a receipt to re-check."""

"""The Slack front door: the assistant in direct messages, channels and threads; no answer logic."""

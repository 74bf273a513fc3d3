"""Long work that goes on without its page: asked for, worked off by a thread, watched by whoever asked."""

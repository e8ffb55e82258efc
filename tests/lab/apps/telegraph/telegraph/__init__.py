"""Telegraph: the assistant on asyncio streams and wsproto, all by hand."""

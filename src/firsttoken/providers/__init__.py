"""What each wire says, and where each SDK is patched. The only folder that knows vendors."""

"""The provider trace: one attempt of a call as one versioned, structured record. `record` needs pydantic."""

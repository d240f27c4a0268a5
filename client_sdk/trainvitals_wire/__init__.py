"""The contract that the SDK, the server and the pages share: names, message formats, record shapes."""

"""Training of networks: epochs, optimizer, resuming, transfer."""

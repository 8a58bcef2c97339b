"""Networks are trained: epochs, optimizer, resuming, transfer."""

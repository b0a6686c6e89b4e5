"""What must hold on transformers 4.46.3, the published model's runtime, and on 5.x alike; it runs on either."""

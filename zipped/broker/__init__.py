"""Producer and consumer on aiokafka. Nothing here decides anything: a message is a doorbell."""

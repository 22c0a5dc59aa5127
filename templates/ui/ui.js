/* The pages work without this script; it adds what a person would otherwise do by hand. */

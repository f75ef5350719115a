"""What every strategy must do on every stack, as tests that pytest runs for yours as well."""

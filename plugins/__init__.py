"""The console inside the Airflow UI."""

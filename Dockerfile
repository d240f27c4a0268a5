# The server; training scripts run wherever they like and reach it over HTTP.
FROM python:3.12-slim
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY client_sdk client_sdk
COPY server server
COPY dashboards dashboards
COPY migrations migrations
RUN pip install --no-cache-dir -c constraints.txt ".[server,postgres]" && useradd --create-home trainvitals
USER trainvitals
EXPOSE 8765
ENTRYPOINT ["trainvitals"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8765"]

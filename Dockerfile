# Build stage: one self-contained binary. Needs the network once, for the packages and Deno's own runtime.
FROM denoland/deno:2.9.6 AS build
WORKDIR /app
COPY deno.json deno.lock ./
COPY domain domain
COPY application application
COPY adapters adapters
COPY main.ts ./
RUN deno task compile && mkdir -p /empty/data

# Run stage: the binary, CA certificates and libc; no shell, not root.
FROM gcr.io/distroless/cc-debian12:nonroot
WORKDIR /app
COPY --from=build --chown=nonroot:nonroot /app/dist/konsol-payments ./konsol-payments
COPY --from=build --chown=nonroot:nonroot /empty/data ./data
VOLUME /app/data
EXPOSE 8000
ENTRYPOINT ["./konsol-payments"]

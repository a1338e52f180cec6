# Portcullis with its data plane, for machines that are not Linux with glibc. Data lies in /data: give it a volume of a
# file system with extended attributes. Nobody has to sign in, so publish the ports on the loopback alone:
#   docker build -t portcullis . && docker run --init -v portcullis:/data \
#     -p 127.0.0.1:3000:3000 -p 127.0.0.1:8443:8443 -p 127.0.0.1:5432:5432 portcullis
# Clients then come from the bridge's address (172.17.0.1 by default): that is what a server's firewall rule must cover.
FROM node:22-bookworm
RUN apt-get update \
  && apt-get install -y --no-install-recommends gcc libc6-dev \
  && rm -rf /var/lib/apt/lists/* \
  && mkdir /data && chown node:node /data
WORKDIR /home/node/portcullis
COPY --chown=node:node . .
RUN chown node:node .
USER node
RUN npm ci --include=optional
ENV PORTCULLIS_DATA_DIR=/data PORTCULLIS_BIND_ADDRESS=0.0.0.0
VOLUME /data
EXPOSE 3000 8443 5432
# The first start builds the portal and fills the database.
HEALTHCHECK --interval=15s --timeout=5s --start-period=10m --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/api/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["npm", "start"]

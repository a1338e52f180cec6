# Portcullis with its data plane, for machines that are not Linux with glibc. Data lies in /data: give it a volume of a
# file system with extended attributes.
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
ENV PORTCULLIS_DATA_DIR=/data
EXPOSE 3000 8443 5432
CMD ["npm", "start"]

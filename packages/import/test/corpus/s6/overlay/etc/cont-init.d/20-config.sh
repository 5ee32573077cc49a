#!/bin/sh
cp /defaults/x /data/x

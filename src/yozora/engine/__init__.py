"""An order's shots on a device: encode, denoise, decode. Knows no files, no codecs and no users."""

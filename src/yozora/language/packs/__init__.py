"""Language packs, one file each; `languages.LANGUAGES` lists them."""

// Loads the player in a chapter that has one. A classic script: mdBook knows no other kind.
if (document.querySelector('glass-player')) {
    import(new URL(path_to_root + 'player/glass-player.js', document.baseURI).href);
}

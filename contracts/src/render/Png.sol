// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title PNG files made on chain
/// @notice Uncompressed: one stored deflate block (RFC 1951) in a zlib stream (RFC 1950) in one IDAT chunk (PNG, third edition).
library Png {
    /// @dev Colour type 3, indices into a palette; here with 4 bits a pixel.
    uint8 private constant INDEXED = 3;
    /// @dev Colour type 2, red, green and blue with 8 bits each.
    uint8 private constant TRUECOLOUR = 2;

    /// @notice A picture of palette indices, two pixels a byte: each row is its part of `packed`.
    /// @param width In pixels, even.
    /// @param palette 16 colours, 3 bytes each.
    function palettised(bytes memory packed, uint256 width, uint256 height, bytes memory palette)
        internal
        pure
        returns (bytes memory)
    {
        uint256 rowLength = width / 2;
        bytes memory rows = new bytes(height * (rowLength + 1));
        for (uint256 y; y < height; ++y) {
            _copy(rows, y * (rowLength + 1) + 1, packed, y * rowLength, rowLength);
        }
        return _file(width, height, 4, INDEXED, _chunk("PLTE", palette), rows);
    }

    /// @notice A picture of three planes of channel values 0..127, shown as `2*o + (o >> 6)`, which is 0..255.
    /// @param planes Red, green, blue, each row-major: `3 * width * height` bytes.
    function truecolour(bytes memory planes, uint256 width, uint256 height) internal pure returns (bytes memory) {
        uint256 pixels = width * height;
        bytes memory rows = new bytes(height * (3 * width + 1));
        // Memory safe: writes bytes 1 .. 3*width of each of the `height` rows of `rows`, reads words whose first byte lies in
        // `planes`, whose length is 3*pixels. Nothing wraps: all sizes are below 2^16.
        assembly ("memory-safe") {
            let to := add(rows, 0x20)
            let from := add(planes, 0x20)
            for { let y := 0 } lt(y, height) { y := add(y, 1) } {
                to := add(to, 1) // the filter byte: 0, none
                for { let x := 0 } lt(x, width) { x := add(x, 1) } {
                    let value := byte(0, mload(from))
                    mstore8(to, add(shl(1, value), shr(6, value)))
                    value := byte(0, mload(add(from, pixels)))
                    mstore8(add(to, 1), add(shl(1, value), shr(6, value)))
                    value := byte(0, mload(add(from, shl(1, pixels))))
                    mstore8(add(to, 2), add(shl(1, value), shr(6, value)))
                    to := add(to, 3)
                    from := add(from, 1)
                }
            }
        }
        return _file(width, height, 8, TRUECOLOUR, "", rows);
    }

    /// @param rows Each row after its filter byte; at most 65,535 bytes, the longest stored block.
    function _file(uint256 width, uint256 height, uint8 depth, uint8 colourType, bytes memory palette, bytes memory rows)
        private
        pure
        returns (bytes memory)
    {
        bytes memory header = abi.encodePacked(uint32(width), uint32(height), depth, colourType, bytes3(0));
        // 0x7801: a zlib stream. 0x01: the last block, stored; then its length and the complement, the low byte first.
        uint16 length = uint16(rows.length);
        uint16 swapped = (length << 8) | (length >> 8);
        bytes memory data = abi.encodePacked(hex"780101", swapped, ~swapped, rows, _adler32(rows));
        return bytes.concat(
            hex"89504e470d0a1a0a", _chunk("IHDR", header), palette, _chunk("IDAT", data), _chunk("IEND", "")
        );
    }

    function _chunk(bytes4 kind, bytes memory data) private pure returns (bytes memory) {
        bytes memory body = bytes.concat(kind, data);
        return abi.encodePacked(uint32(data.length), body, _crc32(body));
    }

    /// @dev Copies `length` bytes of `source` from position `from` to position `to` of `target`; both ranges must exist.
    function _copy(bytes memory target, uint256 to, bytes memory source, uint256 from, uint256 length) private pure {
        // Memory safe: the caller's ranges lie inside both arrays.
        assembly ("memory-safe") {
            mcopy(add(add(target, 0x20), to), add(add(source, 0x20), from), length)
        }
    }

    /// @dev The checksum of zlib. Without reductions on the way: of 65,535 bytes the sums stay below 2^40.
    function _adler32(bytes memory data) private pure returns (uint32) {
        uint256 a = 1;
        uint256 b;
        // Memory safe: reads words whose first byte lies in `data`.
        assembly ("memory-safe") {
            let from := add(data, 0x20)
            for { let end := add(from, mload(data)) } lt(from, end) { from := add(from, 1) } {
                a := add(a, byte(0, mload(from)))
                b := add(b, a)
            }
        }
        // Exact: both halves are below 65,521.
        return uint32(((b % 65_521) << 16) | (a % 65_521));
    }

    /// @dev The checksum of PNG chunks, half a byte at a time; the table is that of the reversed polynomial 0xedb88320.
    function _crc32(bytes memory data) private pure returns (uint32 crc) {
        uint32[16] memory table = [
            uint32(0x00000000), 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
            0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c
        ];
        crc = 0xffffffff;
        // Memory safe: reads words whose first byte lies in `data` and elements 0..15 of `table`. `crc` stays below 2^32.
        assembly ("memory-safe") {
            let from := add(data, 0x20)
            for { let end := add(from, mload(data)) } lt(from, end) { from := add(from, 1) } {
                crc := xor(crc, byte(0, mload(from)))
                crc := xor(shr(4, crc), mload(add(table, shl(5, and(crc, 15)))))
                crc := xor(shr(4, crc), mload(add(table, shl(5, and(crc, 15)))))
            }
        }
        crc = ~crc;
    }
}
